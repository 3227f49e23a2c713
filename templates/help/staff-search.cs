<?cs include:"macros.cs" ?><?cs set:Title = "综合查询与历史 - 操作手册" ?><?cs def:content() ?><div class="text"><p class="back"><a href="/help/">返回操作手册</a></p>
<h1>综合查询与历史</h1>
<p class="lead">一个查询框查遍全部登记。本章供受理窗口、审核、决定和审计人员使用。</p>
<h2>可以输入什么</h2>
<table class="list"><caption>查询框能识别的内容</caption><thead><tr><th scope="col">内容<th scope="col">写法<th scope="col">例子
<tbody><tr><th scope="row">证书编号<td>括号、空格和“沪建安”可以省略，全角半角均可；知道类别的请写上<td><code>C3（2026）0000001</code>、<code>20260000001</code>
<tr><th scope="row">电子证照标识<td>完整，含校验码；包括已作废的版本<td><code>1.2.156.3005.2.…</code>
<tr><th scope="row">事项编号<td>完整，横线可以省略<td><code>JZ20261123-00000042</code>
<tr><th scope="row">姓名<td>从第一个字开始，可以只写开头；生僻字按原字查询<td><code>张三</code>
<tr><th scope="row">企业<td>名称的开头，或统一社会信用代码（8 位以上）<td><code>上海第一建筑</code>
<tr><th scope="row">证件号码<td>完整；身份证、军官证、护照、台胞证、回乡证<td></table>
<?cs call:picture("oversight-found", "查询结果") ?>
<p class="note">证件号码不会写入网址和日志。按证件号码的查询，不论是否查到，都会记入审计。页面上的证件号码只显示前 6 位和后 4 位。</p>
<h2>历史</h2>
<p>点击姓名，得到一个人的全部历史；点击证书编号，得到一本证书的全部历史。按时间顺序，包括：身份信息采集，考核、继续教育、社会保险和纸质证书的导入，各项业务的申请和结果，未通过的规则，提请和决定（谁、什么岗位），证书状态的变化及原因和依据，每一个版本，收存的材料，生成的文件，以及发给企业的通知。审计人员还能看到每条审计记录的链和序号。谁查看过谁的历史，也会记入审计。</p>
<?cs call:picture("oversight-person", "一名人员的全部历史") ?>
<ul><li>审核和审计人员可以下载证书的任何版本，包括已作废的版本。每次下载都会记入审计。<li>点击“打印全部历史”，再用浏览器打印或存为 PDF 文件。打印件每页都有编号和打印时间。</ul>
</div>
<?cs /def ?><?cs include:"layout.cs" ?>
