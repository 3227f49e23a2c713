<?cs include:"macros.cs" ?><?cs set:Title = "证书处罚 - 操作手册" ?><?cs def:content() ?><div class="text"><p class="back"><a href="/help/">返回操作手册</a></p>
<h1>证书处罚</h1>
<p class="lead">管理部门对证书的处罚由一人提请，另一人决定。本章供审核人员使用。</p>
<h2>种类</h2>
<table class="list"><caption>可以提请的种类</caption><thead><tr><th scope="col">种类<th scope="col">原状态<th scope="col">新状态<th scope="col">说明
<tbody><tr><th scope="row">暂扣<td>有效<td>暂扣<td>须有暂扣期。暂扣期间不能下载，核验结果为暂扣
<tr><th scope="row">暂扣发还<td>暂扣<td>有效<td>原电子证书可以重新下载，版本不变
<tr><th scope="row">撤销<td>有效、暂扣<td>撤销<td>不能恢复
<tr><th scope="row">吊销<td>有效、暂扣<td>吊销<td>不能恢复
<tr><th scope="row">注销<td>有效<td>注销<td>须选择注销原因，不需要企业签署
<tr><th scope="row">取消转出<td>办理转出<td>有效<td>生成新版电子证书；恢复后与持证人其他证书（含同一提请的证书）不能并存、A证不在其B证和C证所在企业、或企业已有其他法定代表人A证的，不能取消</table>
<h2>提请（审核人员）</h2>
<ol class="steps"><li>在左侧菜单点击“证书处罚”，选择种类。<li>填写法律依据和原因；暂扣的，填写暂扣期。原因和依据记入证书的办理记录，企业可以看到，经办人员的姓名不会显示。<li>填写证书编号，每行一本；或者选择 CSV 文件，第一行为列名 number，个别证书的原因不同的，再加一列 reason。一次至多 10000 本（取消转出 500 本）；也可以从查询结果中选定企业的全部证书。<li>点击“核对”。页面逐本列出将会发生什么；不能办理的，列出原因，不会提请。超过 500 本的，页面列出全部证书结果的合计和其中一部分；提请之后，事项页可以逐页查看或者下载全部证书的清单。<li>点击“提请”。页面显示事项编号和决定期限。</ol>
<?cs call:picture("staff-sanctions-index", "证书处罚") ?>
<p class="note">提请不改变证书，企业也看不到。决定之前，提请人可以撤回。同一证书同时只能有一个同类的提请。</p>
<p>提请之后的事项在“<a href="/help/staff-proposals">提请与决定</a>”中查看、撤回和决定。</p>
<h2>暂扣期满</h2>
<p>暂扣期满的证书列在“证书处罚”页面的“暂扣期满，待发还”中，系统不会自动发还。勾选之后提请发还。有效期在暂扣期间届满的，发还之后即为失效。</p>
</div>
<?cs /def ?><?cs include:"layout.cs" ?>
