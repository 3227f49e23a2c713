<?cs include:"macros.cs" ?><?cs set:Title = "三类人员电子证书查询 - 操作手册" ?><?cs def:content() ?><div class="text"><p class="back"><a href="/help/">返回操作手册</a></p>
<h1>三类人员电子证书查询</h1>
<p class="lead">默认显示本企业的全部电子证书，新的在前。</p>
<h2>查询</h2>
<ul><li>按姓名：输入姓名，或姓名开头的几个字；<li>按证书编号：输入完整的编号，例如 <code>沪建安C3（2026）0000001</code>，括号用全角、半角均可；<li>按证书状态、按有效期截止日期：可以单独查询，也可以与姓名一起查询；<li>按事项：在首页点击“电子证书 90 天内到期”“电子证书正在生成”等数字，只显示这些证书。</ul>
<?cs call:picture("09-certificates", "本企业的电子证书") ?>
<h2>查看并下载</h2>
<p>证书状态为“有效”、生成状态为“生成成功”的，可以点击“查看并下载”，得到加盖电子印章的 PDF 文件。点击证书编号，可以查看证书信息、照片和办理记录，以及已作废的旧版本。</p>
<?cs call:picture("10-certificate", "一本电子证书") ?>
<h2>批量下载和导出</h2>
<ul><li>下载所选证书：勾选证书（表头可全选本页），点击“下载所选证书”，得到一个 ZIP 压缩文件；<li>打包下载全部查询结果：不必逐页勾选。每次最多打包 1000 本，超过的分批下载；<li>导出查询结果：得到 CSV 表格，可以用电子表格软件打开，包括不能下载的证书。</ul>
<p>压缩文件和表格下载中断的，文件不完整，请重新下载。</p>
<h2>证书状态</h2>
<table class="list"><caption>证书状态的含义</caption><thead><tr><th scope="col">状态<th scope="col">含义
<tbody><tr><th scope="row">有效<td>证书在有效期内，可以使用和下载
<tr><th scope="row">暂扣<td>管理部门依法暂扣，期满发还后恢复有效
<tr><th scope="row">撤销、吊销<td>管理部门依法作出决定，不再恢复
<tr><th scope="row">注销<td>企业申请或管理部门注销
<tr><th scope="row">失效<td>超过有效期未延期
<tr><th scope="row">办理转出<td>已办理离沪</table>
<h2>生成状态</h2>
<table class="list"><caption>生成状态的含义</caption><thead><tr><th scope="col">状态<th scope="col">含义
<tbody><tr><th scope="row">待生成<td>已受理，正在排队；一次没有成功的，系统会自动重试
<tr><th scope="row">生成中<td>正在制作并加盖电子印章
<tr><th scope="row">生成成功<td>可以查看并下载
<tr><th scope="row">生成失败<td>未能生成。点击证书编号可以查看失败原因，请联系管理部门处理；证书编号已保留，无需重新申请</table></div>
<?cs /def ?><?cs include:"layout.cs" ?>
